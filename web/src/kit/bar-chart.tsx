import { useComputedColorScheme } from '@mantine/core';
import { BarChart as Bars } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';

use([Bars, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

export type Series = {
  readonly name: string;
  /** A variable of tokens.css: `--good`. */
  readonly colour: string;
  readonly values: readonly number[];
};

type Props = {
  readonly label: string;
  readonly categories: readonly string[];
  readonly series: readonly Series[];
  /** Each bar leads to its list. */
  readonly onChoose: (index: number) => void;
};

/** Bars over time. Its legend and its table stand beside it, in words. */
export function BarChart({ label, categories, series, onChoose }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme();
  const choose = useRef(onChoose);
  choose.current = onChoose;
  useEffect(() => {
    if (place.current === null) return;
    const chart = init(place.current, undefined, { renderer: 'svg' });
    const look = getComputedStyle(document.documentElement);
    const colour = (name: string): string => look.getPropertyValue(name).trim();
    const text = { color: colour('--third'), fontFamily: 'Inter Variable', fontSize: 11 };
    chart.setOption({
      animation: false,
      aria: { enabled: true, label: { description: label } },
      grid: { left: 36, right: 4, top: 8, bottom: 24 },
      tooltip: {
        trigger: 'axis',
        axisPointer: { type: 'shadow' },
        backgroundColor: colour('--panel'),
        borderColor: colour('--line'),
        textStyle: { ...text, color: colour('--ink'), fontSize: 13 },
      },
      xAxis: {
        type: 'category',
        data: [...categories],
        axisTick: { show: false },
        axisLine: { lineStyle: { color: colour('--line') } },
        axisLabel: text,
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        splitNumber: 3,
        axisLabel: text,
        splitLine: { lineStyle: { color: colour('--line') } },
      },
      series: series.map(({ name, colour: token, values }) => ({
        type: 'bar',
        name,
        data: [...values],
        barMaxWidth: 20,
        barGap: '10%',
        itemStyle: { color: colour(token), borderRadius: [2, 2, 0, 0] },
      })),
    });
    chart.on('click', ({ dataIndex }) => choose.current(dataIndex));
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [categories, series, label, scheme]);
  return <div className="chart" ref={place} />;
}
