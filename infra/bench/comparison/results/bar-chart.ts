import { median } from '../../statistics.ts';
import { figure } from './figures.ts';
import type { Measure } from './result.ts';

const WIDTH = 720;
const LABEL_WIDTH = 190;
const FIGURE_WIDTH = 90;
const ROW = 30;
const TOP = 46;
const OURS = '#2563eb';
const OTHER = '#9ca3af';

/** Horizontal bars of the medians, with a line from the least to the most. Readable on a light and on a dark page. */
export function barChart(measure: Measure, columns: readonly string[]): string {
  const present = columns.filter((column) => (measure.values[column] ?? []).length > 0);
  const most = Math.max(...present.flatMap((column) => measure.values[column] ?? []));
  const x = (value: number): number => LABEL_WIDTH + (value / most) * (WIDTH - LABEL_WIDTH - FIGURE_WIDTH);
  const rows = present.map((column, index) => {
    const values = measure.values[column] ?? [];
    const y = TOP + index * ROW;
    const end = x(median(values));
    const range = values.length > 1 ? line(x(Math.min(...values)), x(Math.max(...values)), y + 9) : '';
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${y + 13}" text-anchor="end">${escape(column)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${round(Math.max(1, end - LABEL_WIDTH))}" height="18" fill="${column.startsWith('ours') ? OURS : OTHER}"/>`,
      range,
      `<text x="${round(Math.max(end, x(Math.max(...values))) + 6)}" y="${y + 13}">${figure(median(values), measure.unit)}</text>`,
    ].join('');
  });
  const height = TOP + present.length * ROW + 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#6b7280">`,
    `<title>${escape(measure.name)}</title>`,
    `<text x="0" y="18" font-size="15" font-weight="600">${escape(measure.name)}</text>`,
    `<text x="0" y="35" font-size="12">${measure.better === 'more' ? 'more is better' : 'less is better'}; the line is the range of the runs</text>`,
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function line(from: number, to: number, y: number): string {
  return `<path d="M${round(from)} ${y}H${round(to)}M${round(from)} ${y - 4}v8M${round(to)} ${y - 4}v8" stroke="#111827" stroke-width="1.5" fill="none"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
