/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element. `props` are its properties, `data` its data attributes; an undefined one is left out. */
export function make(tag, { data = {}, ...props } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  for (const [name, value] of Object.entries(data)) if (value !== undefined) element.dataset[name] = value;
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/**
 * Brings a list to show these items and touches only what differs, so that a screen reader hears what is new and
 * nothing twice, and focus and selection stay. `toElement` makes an item's element; each item needs an `id`.
 */
export function show(list, items, toElement) {
  const known = new Map([...list.children].map((child) => [child.dataset.id, child]));
  items.forEach((item, index) => {
    const json = JSON.stringify(item);
    let element = known.get(item.id);
    known.delete(item.id);
    if (element?.dataset.json !== json) {
      const fresh = toElement(item);
      fresh.dataset.id = item.id;
      fresh.dataset.json = json;
      if (element) {
        element.replaceChildren(...fresh.childNodes);
        for (const [name, value] of Object.entries(fresh.dataset)) element.dataset[name] = value;
      } else element = fresh;
    }
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  for (const gone of known.values()) gone.remove();
}

/** Whether the reader of a log has not scrolled back. */
const isAtEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

/** Keeps a log at its end also when its size changes: where it comes to be seen, or a phone's keyboard opens. */
export function keepAtEnd(log) {
  const sizeOf = () => `${log.clientWidth} ${log.clientHeight}`;
  let size = sizeOf();
  let atEnd = true;
  log.addEventListener('scroll', () => {
    // With another size it is the browser that scrolls, not the reader.
    if (sizeOf() === size) atEnd = isAtEnd(log);
  });
  new ResizeObserver(() => {
    size = sizeOf();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }).observe(log);
}

/** Shows a log's items and follows its end, unless the reader has scrolled back. */
export function showLog(log, items, toElement) {
  const follows = isAtEnd(log);
  const before = log.childElementCount;
  show(log, items, toElement);
  if (follows || before === 0) log.scrollTop = log.scrollHeight;
}

/** Fills a select with `[value, label]` pairs and chooses one; leaves it alone where nothing changed. */
export function showOptions(select, pairs, chosen) {
  const json = JSON.stringify(pairs);
  if (select.dataset.json !== json) {
    select.replaceChildren(...pairs.map(([value, label]) => make('option', { value, textContent: label })));
    select.dataset.json = json;
  }
  if (document.activeElement !== select || select.dataset.chosen !== chosen) select.value = chosen;
  select.dataset.chosen = chosen;
}

/** `send(text)` promises whether it was sent. Enter sends, Shift+Enter breaks the line, and an input method's Enter does neither. */
export function onSend(form, send) {
  const text = form.querySelector('textarea');
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const written = text.value.trim();
    if (!written) return;
    text.value = '';
    // A text that could not be sent comes back, so that nobody has to write it again.
    void send(written).then((done) => {
      if (!done) text.value ||= written;
    });
  });
}

/** How often typing is reported while it lasts, in milliseconds. */
const TYPING_EVERY = 2_500;

/** Calls `report` now and then while someone writes what is meant for the other side, as `isForThem` says. */
export function onType(field, report, isForThem = () => true) {
  let reportedAt = 0;
  field.addEventListener('input', () => {
    if (!field.value || !isForThem() || Date.now() - reportedAt < TYPING_EVERY) return;
    reportedAt = Date.now();
    report();
  });
}

/** A live region is read out whenever it is written to, so it is written to only when the words change. */
export function say(region, words) {
  if (region.textContent !== words) region.textContent = words;
}

/** With seconds. */
export const clock = (iso) => new Date(iso).toLocaleTimeString([], { hourCycle: 'h23' });

export const time = (iso) => new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
