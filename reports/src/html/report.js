// Filters, sorts and opens the rows of the findings. It makes no text from names: rows are hidden, moved and copied.
(() => {
  'use strict';

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

  // Until it is known which rows are listed, none is laid out: a browser takes long for tens of thousands of them.
  const root = document.documentElement;
  root.classList.add('starting');
  document.addEventListener('DOMContentLoaded', () => {
    try { start(); } finally { root.classList.remove('starting'); }
    reveal();
  });

  const start = () => {
    // How many rows are laid out before somebody asks for more: a browser is slow with tens of thousands of them.
    const STEP = 100;

    const table = byId('table');
    if (!table) return;

    const body = table.tBodies[0];
    const form = byId('filter');
    const search = byId('search');
    const family = byId('family');
    const count = byId('count');
    const more = byId('more');

    const rows = Array.from(body.rows, (element, index) => {
      const [severity, status, ...rest] = element.dataset.k.split(' ');
      return { element, index, severity: +severity, status: +status, family: rest.join(' '), text: null };
    });
    let listed = rows;
    let limit = STEP;

    const textOf = (row) => (row.text ??= row.element.textContent.toLowerCase());
    const checked = (name) => Array.from(form.elements[name], (box) => box.checked);

    // The words of all rows are gathered while nobody waits for them, so that the first search is as quick as the next.
    let gathered = 0;
    const gather = (deadline) => {
      while (gathered < rows.length && deadline.timeRemaining() > 2) {
        const end = Math.min(gathered + 50, rows.length);
        while (gathered < end) textOf(rows[gathered++]);
      }
      if (gathered < rows.length) requestIdleCallback(gather);
    };

    const show = () => {
      const severities = checked('severity');
      const statuses = checked('status');
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = rows.filter((row) => severities[row.severity] && statuses[row.status]
        && (!family.value || row.family === family.value)
        && words.every((word) => textOf(row).includes(word)));
      // Rows that are not listed are not in the page: a browser lays out what it is given.
      const now = found.slice(0, limit);
      if (now.length !== listed.length || now.some((row, at) => row !== listed[at])) {
        listed = now;
        body.replaceChildren(...listed.map((row) => row.element));
      }
      const all = rows.length === 1 ? '1 finding' : `${rows.length} findings`;
      const some = listed.length < found.length ? `, the first ${listed.length} listed` : '';
      const text = `${found.length} of ${all}${some}`;
      if (count.textContent !== text) count.textContent = text;
      more.hidden = listed.length === found.length;
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
    search.addEventListener('input', () => soon(60));
    more.querySelector('button').addEventListener('click', () => {
      const first = listed.length;
      limit += STEP;
      show();
      // The button may be gone, or far down: go on reading where the new rows begin.
      listed[first]?.element.querySelector('summary').focus();
    });

    // Paper has room for all that was found.
    let before = limit;
    window.addEventListener('beforeprint', () => { before = limit; limit = Infinity; show(); });
    window.addEventListener('afterprint', () => { limit = before; show(); });

    const compare = (column) => (a, b) => {
      if (column === 0) return a.severity - b.severity;
      if (column === 1) return a.status - b.status;
      const of = (row) => ((row.cells ??= [])[column] ??= row.element.cells[column].textContent);
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
      for (const row of listed) {
        const details = row.element.querySelector('details');
        if (open) fill(details);
        details.open = open;
      }
    };
    byId('open-all').addEventListener('click', () => openAll(true));
    byId('close-all').addEventListener('click', () => openAll(false));

    // What was typed before a reload is still in the fields.
    show();
    if (window.requestIdleCallback) requestIdleCallback(gather);
  };
})();
