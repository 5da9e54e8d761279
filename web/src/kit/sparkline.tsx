type Props = { readonly points: readonly number[] };

const WIDTH = 120;
const HEIGHT = 32;

/** The line of a trend beside its number: decoration, as both it and its change are in words. */
export function Sparkline({ points }: Props) {
  if (points.length < 2) return null;
  return (
    <svg aria-hidden="true" height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH}>
      <path d={sparkPath(points)} fill="none" stroke="var(--accent)" strokeWidth="1.5" />
    </svg>
  );
}

/** From the lowest to the highest of the points; a flat line runs through the middle. */
export function sparkPath(points: readonly number[]): string {
  const low = Math.min(...points);
  const span = Math.max(...points) - low;
  const step = WIDTH / (points.length - 1);
  const place = (value: number, index: number): string => {
    const y = span === 0 ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4);
    return `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  };
  return points.map(place).join('');
}
