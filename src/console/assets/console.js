// What pages do more where scripts run: times in the reader's zone, copying, menus that close. All work without.
'use strict';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

function localise(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    time.textContent = (time.hasAttribute('data-day') ? day : exact).format(at);
  }
  for (const button of root.querySelectorAll('[data-copy]')) button.hidden = false;
  keepTables(root);
}

// To some browsers a table whose rows are blocks is none any more, unless it says so.
function keepTables(root) {
  const roles = { TABLE: 'table', TR: 'row', TD: 'cell', row: 'rowheader', col: 'columnheader' };
  for (const part of root.querySelectorAll('table.stacked, table.stacked :is(tr, td, th)')) {
    const role = roles[part.getAttribute('scope') ?? part.tagName];
    if (!part.hasAttribute('role')) part.setAttribute('role', role);
  }
}

// Said to those who hear the page: once, when what changes has come to rest.
let telling;
function tell(text) {
  const told = document.getElementById('told');
  told.textContent = '';
  clearTimeout(telling);
  telling = setTimeout(() => {
    told.textContent = text;
  }, 600);
}

// What stands in the element that the button names; nothing of it is kept anywhere.
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  let outcome = 'Copied';
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    outcome = 'Not copied';
  }
  tell(outcome);
  const shown = button.firstChild;
  button.dataset.text ??= shown.data;
  shown.data = outcome;
  setTimeout(() => {
    shown.data = button.dataset.text;
  }, 1500);
}

function closeMenusAround(element) {
  for (const menu of document.querySelectorAll('details.menu[open]'))
    if (!menu.contains(element)) menu.open = false;
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) void copy(button);
  closeMenusAround(event.target);
});
document.addEventListener('focusin', (event) => closeMenusAround(event.target));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    const summary = document.activeElement.closest('details.menu[open]')?.firstElementChild;
    closeMenusAround(null);
    summary?.focus();
  }
  // A link that is called a button answers to the keys of one.
  if (event.key === ' ' && event.target.matches('a[role="button"]')) {
    event.preventDefault();
    event.target.click();
  }
});
// What is left until a time; the page says the time itself beside it.
function countDown(element) {
  const left = Math.floor((new Date(element.dataset.countdown) - Date.now()) / 1000);
  const seconds = String(Math.max(left, 0) % 60).padStart(2, '0');
  element.textContent = left > 0 ? `${Math.floor(left / 60)}:${seconds} left.` : 'It has ended.';
  if (left > 0) setTimeout(countDown, 1000, element);
  else tell('The time is over.');
}
for (const element of document.querySelectorAll('[data-countdown]')) countDown(element);

// A search after the session has ended is answered with the page to sign in at, which leads back.
document.addEventListener('htmx:beforeSwap', (event) => {
  const { xhr } = event.detail;
  if (new URL(xhr.responseURL).pathname === location.pathname) return;
  event.detail.shouldSwap = false;
  location.assign(xhr.responseURL);
});
document.addEventListener('htmx:afterSwap', (event) => {
  localise(event.target);
  const none = event.target.querySelector('.empty p');
  const found = event.target.querySelectorAll('tbody tr, ul.card > li').length;
  tell(none?.textContent ?? `${found} shown`);
});
localise(document);
