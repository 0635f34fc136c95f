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
// What is left until a time; the page says the time itself beside it.
function countDown(element) {
  const left = Math.floor((new Date(element.dataset.countdown) - Date.now()) / 1000);
  const seconds = String(Math.max(left, 0) % 60).padStart(2, '0');
  element.textContent = left > 0 ? `${Math.floor(left / 60)}:${seconds} left.` : 'It has ended.';
  if (left > 0) setTimeout(countDown, 1000, element);
}
for (const element of document.querySelectorAll('[data-countdown]')) countDown(element);

document.addEventListener('htmx:afterSwap', (event) => localise(event.target));
localise(document);
