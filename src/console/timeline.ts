import type { EndingCount } from '../credentials/ending-count.js';
import type { EndingMonths } from '../credentials/ending-months.js';
import { grouped, longMonth, sumOf, timelineKinds, timelineStates } from './timeline-rows.js';

const width = 760;
const left = 104;
const lane = { height: 84, bar: 52, top: 22 };
const column = (width - left) / 12;

/** What ends as a picture, an SVG without any style of its own: a lane for each kind, a bar for each month. */
export function drawTimeline({ months, counts }: EndingMonths): string {
  const height = lane.height * timelineKinds.length + 26;
  const lanes = timelineKinds.map(({ kind, text }, at) =>
    drawLane({ kind, text, top: at * lane.height, counts }),
  );
  const names = months.map(({ begins }, at) => {
    const x = centre(at);
    const isJanuary = new Date(begins * 1000).getUTCMonth() === 0;
    const year =
      at === 0 || isJanuary ? ` ${String(new Date(begins * 1000).getUTCFullYear())}` : '';
    return `<text class="axis" x="${x}" y="${String(height - 6)}">${shortMonth(begins)}${year}</text>`;
  });
  return [
    `<svg class="timeline" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-labelledby="timeline-title" aria-describedby="timeline-desc">`,
    '<title id="timeline-title">What ends over the next 12 months</title>',
    '<desc id="timeline-desc">A bar for each month in a lane for applications, service users and authorities. The table below says the same.</desc>',
    ...lanes,
    ...names,
    '</svg>',
  ].join('');
}

function drawLane({
  kind,
  text,
  top,
  counts,
}: {
  readonly kind: EndingCount['kind'];
  readonly text: string;
  readonly top: number;
  readonly counts: readonly EndingCount[];
}): string {
  const totals = Array.from({ length: 12 }, (_, month) => sumOf(counts, { kind, month }));
  const most = Math.max(1, ...totals);
  const base = top + lane.top + lane.bar;
  const bars = totals.map((total, month) => {
    if (total === 0) return '';
    const drawn = drawBar({ kind, month, base, most, counts });
    return `${drawn.bars}<text class="count" x="${centre(month)}" y="${number(drawn.top - 5)}">${short(total)}</text>`;
  });
  const later = sumOf(counts, { kind, month: 12 });
  const beyond =
    later === 0
      ? ''
      : `<text class="later" x="0" y="${String(base - 4)}">${short(later)} later</text>`;
  return `<text class="lane" x="0" y="${String(base - 20)}">${text}</text>${beyond}<line class="base" x1="${String(left)}" x2="${String(width)}" y1="${String(base)}" y2="${String(base)}"/>${bars.join('')}`;
}

function drawBar({
  kind,
  month,
  base,
  most,
  counts,
}: {
  readonly kind: EndingCount['kind'];
  readonly month: number;
  readonly base: number;
  readonly most: number;
  readonly counts: readonly EndingCount[];
}): { readonly bars: string; readonly top: number } {
  let top = base;
  let bars = '';
  for (const { state, text } of timelineStates) {
    const count = sumOf(counts, { kind, month, state });
    if (count === 0) continue;
    // What is there is to be seen, however small beside the others.
    const height = Math.max(4, (lane.bar * count) / most);
    top = Math.max(top - height, base - lane.bar - 8);
    const x = number(left + month * column + column * 0.2);
    bars += `<rect class="bar ${state}" x="${x}" y="${number(top)}" width="${number(column * 0.6)}" height="${number(height)}" rx="2"><title>${grouped(count)}: ${text}</title></rect>`;
  }
  return { bars, top };
}

function centre(month: number): string {
  return number(left + month * column + column / 2);
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** In a picture there is no room for every digit. */
function short(count: number): string {
  return count < 10_000 ? grouped(count) : `${String(Math.round(count / 1000))}k`;
}

function shortMonth(begins: number): string {
  return longMonth(begins).slice(0, 3);
}
