import { lazy, Suspense, useMemo, useState } from 'react';
import type { Overview } from '../../../../src/features/inventory/inventory-contract.ts';
import { formatCount, formatDay } from '../../kit/format.ts';
import { A, useGo } from '../../kit/navigation.tsx';
import { useNow } from '../../kit/time.tsx';

const BarChart = lazy(async () => ({
  default: (await import('../../kit/bar-chart.tsx')).BarChart,
}));

type Day = Overview['activity'][number];

/** The containers there were when that day ended. */
function hrefOf(day: Day): string {
  return `/containers?state=all&at=${encodeURIComponent(`${day.day}T23:59:59.000Z`)}`;
}

/** Containers started and ended by day: a chart, and the same as a table. */
export function Activity({ days }: { readonly days: readonly Day[] }) {
  const [isTable, showTable] = useState(false);
  const go = useGo();
  const now = useNow();
  // The overview is read every few seconds; the chart is drawn anew only when a day changed.
  const key = JSON.stringify(days);
  const shown = useMemo(() => {
    const stable = JSON.parse(key) as Day[];
    return {
      days: stable,
      labels: stable.map(({ day }) => formatDay(day, Date.now())),
      series: [
        { name: 'started', colour: '--accent', values: stable.map(({ started }) => started) },
        { name: 'ended', colour: '--high', values: stable.map(({ ended }) => ended) },
      ],
    };
  }, [key]);
  if (days.every(({ started, ended }) => started + ended === 0)) return null;
  return (
    <section className="card">
      <div className="row" style={{ justifyContent: 'space-between' }}>
        <h2 className="row" style={{ fontSize: 14 }}>
          Containers started and ended, by day (UTC)
          <Legend colour="--accent" word="started" />
          <Legend colour="--high" word="ended" />
        </h2>
        <button className="plain-button small" onClick={() => showTable(!isTable)} type="button">
          {isTable ? 'Show the chart' : 'Show as a table'}
        </button>
      </div>
      {isTable ? (
        <DayTable days={shown.days} now={now} />
      ) : (
        <Suspense fallback={<div className="chart" />}>
          <BarChart
            categories={shown.labels}
            label="Containers started and ended, by day"
            onChoose={(index) => {
              const day = shown.days[index];
              if (day !== undefined) go(hrefOf(day));
            }}
            series={shown.series}
          />
        </Suspense>
      )}
    </section>
  );
}

function Legend({ colour, word }: { readonly colour: string; readonly word: string }) {
  return (
    <span className="third" style={{ fontWeight: 400 }}>
      <i className="swatch" style={{ background: `var(${colour})` }} /> {word}
    </span>
  );
}

function DayTable({ days, now }: { readonly days: readonly Day[]; readonly now: number }) {
  return (
    <div className="list" style={{ padding: 0 }}>
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th className="end" scope="col">
              Started
            </th>
            <th className="end" scope="col">
              Ended
            </th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr key={day.day}>
              <td>
                <A href={hrefOf(day)}>{formatDay(day.day, now)}</A>
              </td>
              <td className="end">{formatCount(day.started)}</td>
              <td className="end">{formatCount(day.ended)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
