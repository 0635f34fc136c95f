import { afterAll, describe } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { signIn } from './console.js';
import type { TestGateway } from './gateway.js';

type Visiting = Parameters<typeof signIn>[1];

const executablePath = '/usr/bin/chromium';

/** The block in a real browser, where there is one; in continuous integration there has to be. */
export function describeInChromium(name: string, block: (open: OpenWindow) => void): void {
  if (existsSync(executablePath)) {
    describe(name, () => {
      block(openWindows());
    });
    return;
  }
  const reason = 'no Chromium for the tests: install the package chromium';
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.warn(`SKIPPED: ${reason}`);
  describe.skip(name, () => undefined);
}

/** A window of its own, with cookies of its own. */
export type OpenWindow = (options?: {
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  readonly hasScript?: boolean;
}) => Promise<Page>;

function openWindows(): OpenWindow {
  let browser: Promise<Browser> | undefined;
  const contexts: BrowserContext[] = [];
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await (await browser)?.close();
  });
  return async ({ width = 1280, theme = 'light', hasScript = true } = {}) => {
    browser ??= chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    const context = await (
      await browser
    ).newContext({
      ignoreHTTPSErrors: true,
      viewport: { width, height: 900 },
      colorScheme: theme,
      javaScriptEnabled: hasScript,
      timezoneId: 'Europe/Helsinki',
      locale: 'en-GB',
    });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    return page;
  };
}

/** Signs in, as the form does, and opens a page. */
export async function openAs(
  page: Page,
  gateway: TestGateway,
  { path = '/', person }: { readonly path?: string; readonly person?: Visiting } = {},
): Promise<void> {
  const { cookie } = await signIn(gateway, person);
  await openWith(page, gateway, { cookie, path });
}

async function openWith(
  page: Page,
  gateway: TestGateway,
  { cookie, path }: { readonly cookie: string; readonly path: string },
): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  await page.context().addCookies([{ name, value, url: gateway.urls.admin, secure: true }]);
  await page.goto(`${gateway.urls.admin}${path}`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeFinding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly {
    readonly html: string;
    readonly any: readonly { readonly data: { readonly messageKey?: string } | null }[];
  }[];
}

/** What is folded away is judged as well. */
const withAllOpen = (script: string): string => `(async () => {
  const folded = [...document.querySelectorAll('details:not([open])')];
  for (const one of folded) one.open = true;
  const result = await ${script};
  for (const one of folded) one.open = false;
  return result;
})()`;

/** What axe finds serious or critical on a page: rule and element. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: Record<'violations' | 'incomplete', AxeFinding[]> = await page.evaluate(
    withAllOpen('axe.run()'),
  );
  const violations = found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  return [...violations, ...invisible(found.incomplete)];
}

/** Text in the colour of its ground, which axe leaves to a person to judge. */
function invisible(findings: readonly AxeFinding[]): string[] {
  return findings
    .flatMap(({ nodes }) => nodes)
    .filter(({ any }) => any.some(({ data }) => data?.messageKey === 'equalRatio'))
    .map(({ html }) => `invisible: ${html}`);
}

/** Keeps a picture of the whole page in the folder EVERLEAF_TEST_PICTURES, where that is set. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['EVERLEAF_TEST_PICTURES'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Sizes and themes: with pictures all four, else the two that have least in common. */
const variants = [
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const;

/** Complaints about the page that a window shows: serious violations, and what is wider than the window. */
export async function lookHere(page: Page, name: string): Promise<string[]> {
  const complaints: string[] = [];
  const isQuick = process.env['EVERLEAF_TEST_PICTURES'] === undefined;
  for (const { width, colorScheme } of isQuick ? [variants[0], variants[3]] : variants) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const at = `${name}-${String(width)}-${colorScheme}`;
    await picture(page, at);
    complaints.push(...(await seriousViolations(page)).map((one) => `${at}: ${one}`));
    const isWide: boolean = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    if (isWide) complaints.push(`${at}: wider than the window`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  return complaints;
}
