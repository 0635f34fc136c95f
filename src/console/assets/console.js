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
}

// What stands in the element that the button names; nothing of it is kept anywhere.
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  await navigator.clipboard.writeText(source.textContent);
  const said = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = said;
  }, 1500);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) void copy(button);
  for (const menu of document.querySelectorAll('details.menu[open]'))
    if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.menu[open]')) menu.open = false;
});
document.addEventListener('htmx:afterSwap', (event) => localise(event.target));
localise(document);
