import { run } from './run.ts';
import { jumps, type Trial } from './scenarios.ts';
import { ExponentialBackoff, FixedSpacing, Governor, type Sender } from './senders.ts';
import { TokenBucket } from './limiters.ts';

// One limit that jumps, three senders below one another: what the limit allows, what each makes of it, and its
// refusals.

const HOUR_MS = 3_600_000;
const EVERY_MS = HOUR_MS;
const SAMPLE_MS = 60_000;
const PENALTY_MS = 5_000;
const LATENCY_MS = 15;
const TRIAL: Trial = {
  limit: () => new TokenBucket(30, jumps(EVERY_MS)),
  policy: () => () => ({ stopMs: PENALTY_MS, toldMs: PENALTY_MS }),
  horizonMs: 3 * EVERY_MS,
};

const PANELS: readonly { readonly title: string; readonly create: () => Sender }[] = [
  { title: 'governor', create: () => new Governor() },
  { title: 'fixed, 220 ms', create: () => new FixedSpacing() },
  { title: 'plain exponential backoff', create: () => new ExponentialBackoff() },
];

const WIDTH = 860;
const PANEL_HEIGHT = 170;
const LEFT = 46;
const RIGHT = 14;
const TOP = 44;
const PLOT_HEIGHT = 118;
const MOST_PER_SECOND = 34;

const x = (ms: number): string => (LEFT + ((WIDTH - LEFT - RIGHT) * ms) / TRIAL.horizonMs).toFixed(1);
const y = (perSecond: number, top: number): string =>
  (top + PLOT_HEIGHT * (1 - perSecond / MOST_PER_SECOND)).toFixed(1);

/** Of the accepted calls of each minute, and the times of the refused ones. */
function observe(sender: Sender): {
  readonly perSecond: readonly number[];
  readonly refusedAt: readonly number[];
  readonly links: number;
} {
  const accepted = new Array<number>(TRIAL.horizonMs / SAMPLE_MS).fill(0);
  const refusedAt: number[] = [];
  const { links } = run(TRIAL, sender, LATENCY_MS, (calledAt, isAccepted) => {
    const minute = Math.floor(calledAt / SAMPLE_MS);
    if (isAccepted) accepted[minute] = (accepted[minute] ?? 0) + 1;
    else refusedAt.push(calledAt);
  });
  return { perSecond: accepted.map((calls) => (calls / SAMPLE_MS) * 1_000), refusedAt, links };
}

function drawPanel(title: string, sender: Sender, top: number): string {
  const { perSecond, refusedAt, links } = observe(sender);
  const path = perSecond
    .map((value, minute) => `${minute === 0 ? 'M' : 'L'}${x((minute + 0.5) * SAMPLE_MS)} ${y(value, top)}`)
    .join('');
  const limits = jumps(EVERY_MS).filter(({ fromMs }) => fromMs < TRIAL.horizonMs);
  const limit = limits
    .map(
      ({ fromMs, perSecond: most }, index) =>
        `${index === 0 ? 'M' : 'L'}${x(fromMs)} ${y(most, top)}H${x(fromMs + EVERY_MS)}`,
    )
    .join('');
  // Refusals of the same pixel are one mark.
  const marks = [...new Set(refusedAt.map((ms) => Math.round(Number(x(ms)))))]
    .map((at) => `M${at} ${top + PLOT_HEIGHT + 3}v7`)
    .join('');
  const grid = [0, 10, 20, 30].map(
    (value) =>
      `<path class="grid" d="M${LEFT} ${y(value, top)}H${WIDTH - RIGHT}"/><text x="${LEFT - 6}" y="${Number(y(value, top)) + 4}" class="scale">${value}</text>`,
  );
  return [
    `<text x="${LEFT}" y="${top - 8}"><tspan class="title">${title}</tspan>: ${links.toLocaleString('en')} links, ${refusedAt.length.toLocaleString('en')} refusals</text>`,
    ...grid,
    `<path class="limit" d="${limit}"/>`,
    `<path class="rate" d="${path}"/>`,
    `<path class="refusal" d="${marks}"/>`,
  ].join('\n');
}

/** An SVG that reads on a light and on a dark page. */
export function drawRates(): string {
  const height = TOP + PANELS.length * PANEL_HEIGHT + 10;
  const hours = ['start', 'middle', 'middle', 'scale'].map(
    (side, hour) => `<text x="${x(hour * HOUR_MS)}" y="${height - 6}" class="${side}">${hour} h</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Links per second of three senders against a hidden limit that jumps">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a; } .title { font-weight: 600; }
.scale { text-anchor: end; } .middle { text-anchor: middle; } .start { text-anchor: start; }
path { fill: none; } .grid { stroke: #8c959f; stroke-opacity: .25; } .limit { stroke: #8c959f; stroke-width: 2; stroke-dasharray: 5 4; }
.rate { stroke: #0969da; stroke-width: 1.8; } .refusal { stroke: #cf222e; stroke-width: 1.2; }
@media (prefers-color-scheme: dark) { text { fill: #9198a1; } .rate { stroke: #4493f8; } .refusal { stroke: #f85149; } }
</style>
<text x="${LEFT}" y="16">links a second (blue), the hidden limit (dashed), refusals (red); a refusal costs ${PENALTY_MS / 1_000} s of silence</text>
${PANELS.map(({ title, create }, index) => drawPanel(title, create(), TOP + index * PANEL_HEIGHT)).join('\n')}
${hours.join('\n')}
</svg>
`;
}
