import type { Page } from 'playwright-core';

/** In the page: what is said without its surroundings, by those who leap from heading to heading or list the links. */
const complaintsScript = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const words = (element) =>
    (element.getAttribute('aria-label') ?? element.textContent).trim().replace(/\\s+/g, ' ');
  const complaints = [];
  const levels = all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName[1]));
  levels.forEach((level, at) => {
    if (level > (levels[at - 1] ?? 0) + 1) complaints.push('a heading skips a level: h' + level);
  });
  if (levels.filter((level) => level === 1).length !== 1) complaints.push('not one h1');
  for (const table of all('table')) {
    if (!table.ariaLabel) complaints.push('a table without a name');
    if (table.querySelectorAll('thead th[scope=col]').length !== table.rows[0].cells.length)
      complaints.push('a column without a header: ' + table.ariaLabel);
    if (!table.querySelector('tbody :is(th[scope=row], [role=rowheader])'))
      complaints.push('no row header: ' + table.ariaLabel);
  }
  for (const place of all('[tabindex="0"]'))
    if (!place.role || !place.ariaLabel) complaints.push('a place of the keyboard without a name');
  const ids = all('[id]').map(({ id }) => id);
  for (const id of ids)
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) complaints.push('two have the id ' + id);
  for (const field of all('[aria-describedby]'))
    for (const id of field.getAttribute('aria-describedby').split(' '))
      if (!document.getElementById(id)) complaints.push('nothing describes: ' + id);
  const places = new Map();
  for (const one of all('main :is(:not(p) > a, button, summary)')) {
    const place = one.href ?? one.form?.action + one.value + one.type ?? '';
    const known = places.get(words(one));
    if (known !== undefined && (known !== place || !one.href))
      complaints.push('several are called ' + words(one));
    places.set(words(one), place);
  }
  return complaints;
})()`;

/** Complaints of somebody who hears a page: headings, tables, and names that do not say of what. */
export async function unheard(page: Page): Promise<string[]> {
  const found: string[] = await page.evaluate(complaintsScript);
  return [...new Set(found)];
}

/** The distances between lines, words and letters that a reader may ask for (WCAG 2.2, 1.4.12). */
const spaced =
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }';

/** Makes the window 320 pixels wide, as 1280 are at 400 %: whether the page is wider, letters apart and menus open. */
export async function isCramped(page: Page): Promise<boolean> {
  await page.setViewportSize({ width: 320, height: 640 });
  return page.evaluate(`(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(${JSON.stringify(spaced)});
    document.adoptedStyleSheets = [sheet];
    for (const folded of document.querySelectorAll('details')) folded.open = true;
    const { scrollWidth, clientWidth } = document.documentElement;
    document.adoptedStyleSheets = [];
    return scrollWidth > clientWidth;
  })()`);
}
