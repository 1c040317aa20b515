// Filters, sorts and opens the rows of the findings. It makes no text from names: rows are hidden, moved and copied.
(() => {
  'use strict';

  // How many rows are laid out before somebody asks for more: a browser is slow with tens of thousands of them.
  const STEP = 500;

  const byId = (id) => document.getElementById(id);

  // A link to a check or a row opens what it leads to.
  const reveal = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* Not encoded: taken as it is. */ }
    const target = byId(id);
    const details = target?.querySelector(':scope > th > details');
    if (details) {
      details.open = true;
      target.scrollIntoView();
    }
  };
  window.addEventListener('hashchange', reveal);
  reveal();

  const table = byId('table');
  if (!table) return;

  const body = table.tBodies[0];
  const form = byId('filter');
  const search = byId('search');
  const family = byId('family');
  const count = byId('count');
  const more = byId('more');

  let rows = Array.from(body.rows, (element, index) => {
    const [severity, status, ...rest] = element.dataset.k.split(' ');
    return { element, index, severity: +severity, status: +status, family: rest.join(' '), text: null, out: false };
  });
  let limit = STEP;

  const textOf = (row) => (row.text ??= row.element.textContent.toLowerCase());
  const checked = (name) => Array.from(form.elements[name], (box) => box.checked);

  const show = () => {
    const severities = checked('severity');
    const statuses = checked('status');
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of rows) {
      const match = severities[row.severity] && statuses[row.status]
        && (!family.value || row.family === family.value)
        && words.every((word) => textOf(row).includes(word));
      if (match) found += 1;
      const out = !match || found > limit;
      if (out !== row.out) {
        row.out = out;
        row.element.classList.toggle('out', out);
      }
    }
    const listed = Math.min(found, limit);
    const all = rows.length === 1 ? '1 finding' : `${rows.length} findings`;
    const text = listed < found ? `${found} of ${all}, the first ${listed} listed` : `${found} of ${all}`;
    if (count.textContent !== text) count.textContent = text;
    more.hidden = listed === found;
  };

  let waiting = 0;
  const soon = (delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { limit = STEP; show(); }, delay);
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => soon(0));
  form.addEventListener('reset', () => soon(0));
  search.addEventListener('input', () => soon(120));
  more.querySelector('button').addEventListener('click', () => {
    const first = rows.filter((row) => !row.out).length;
    limit += STEP;
    show();
    // The button may be gone, or far down: go on reading where the new rows begin.
    rows.filter((row) => !row.out)[first]?.element.querySelector('summary').focus();
  });

  // Paper has room for all that was found.
  let before = limit;
  window.addEventListener('beforeprint', () => { before = limit; limit = Infinity; show(); });
  window.addEventListener('afterprint', () => { limit = before; show(); });

  const compare = (column) => (a, b) => {
    if (column === 0) return a.severity - b.severity;
    if (column === 1) return a.status - b.status;
    const of = (row) => row.element.cells[column].textContent;
    return of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0;
  };
  const headings = Array.from(table.tHead.rows[0].cells).slice(0, 4);
  headings.forEach((heading, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const down = heading.getAttribute('aria-sort') === 'ascending';
      headings.forEach((other) => other.removeAttribute('aria-sort'));
      heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const order = compare(column);
      rows.sort((a, b) => (down ? order(b, a) : order(a, b)) || a.index - b.index);
      const sorted = document.createDocumentFragment();
      rows.forEach((row) => sorted.append(row.element));
      body.append(sorted);
      show();
    });
  });

  // What to do stands with the check; a failure that is opened gets a copy.
  const fill = (details) => {
    const link = details.querySelector(':scope > a');
    if (!link || !/^\d+ 0 /.test(details.closest('tr').dataset.k) || details.querySelector('.fix')) return;
    const fix = byId(link.getAttribute('href').slice(1))?.querySelector('.fix');
    if (!fix) return;
    const copy = document.createElement('div');
    copy.className = 'fix';
    const heading = document.createElement('p');
    heading.className = 'label';
    heading.textContent = 'What to do';
    copy.append(heading, ...Array.from(fix.cloneNode(true).childNodes));
    details.insertBefore(copy, link);
  };
  body.addEventListener('toggle', (event) => { if (event.target.open) fill(event.target); }, true);
  const openAll = (open) => {
    for (const row of rows) {
      if (row.out) continue;
      const details = row.element.querySelector('details');
      if (open) fill(details);
      details.open = open;
    }
  };
  byId('open-all').addEventListener('click', () => openAll(true));
  byId('close-all').addEventListener('click', () => openAll(false));

  // What was typed before a reload is still in the fields.
  show();
})();
