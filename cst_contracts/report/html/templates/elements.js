// Elements, glyphs, numbers and storage. Data only ever become text nodes and attributes.
const SVG = "http://www.w3.org/2000/svg";
const $ = (selector, root = document) => root.querySelector(selector);

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style")
      element.style.cssText = value; // the policy forbids the attribute
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(9)) {
    if (child != null && child !== false) element.append(child.nodeType ? child : String(child));
  }
  return element;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Beside its word a glyph has no name of its own.
function glyph(state, label) {
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return svg("svg", { class: `g ${state}`, ...named }, svg("use", { href: `#g-${state}` }));
}

function chevron() {
  const path = svg("path", { d: "M3 1.5L7 5 3 8.5", fill: "none", stroke: "currentColor", "stroke-width": "1.6" });
  return svg("svg", { viewBox: "0 0 10 10", width: "10", height: "10", "aria-hidden": "true" }, path);
}

const grouped = new Intl.NumberFormat("en-US");
const number = (value) => (value == null ? "–" : grouped.format(value));
const plural = (count, one, many) => `${number(count)} ${count === 1 ? one : many || `${one}s`}`;
const sentence = (text) => (/[.?!]$/.test(text) ? text : `${text}.`);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const mono = (text) => h("span", { class: "m" }, text);
const quiet = (...text) => h("span", { class: "qq" }, ...text);
const listed = (items) => items.map((item, at) => [at ? ", " : "", item]);

function groupedBy(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) || []), item]);
  return groups;
}

// Text between back-ticks is code.
const marked = (text) =>
  text.split(/(`[^`]+`)/).map((part) => (/^`.+`$/.test(part) ? h("code", null, part.slice(1, -1)) : part));

function say(text) {
  $("#live").textContent = text;
}

const kept = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // forbidden to this page: nothing is remembered
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      say("This browser remembers nothing for pages that are opened from files");
    }
  },
};

function select(label, options, value, change) {
  const choices = [["", label], ...options].map(([of, text]) =>
    h("option", { value: of, selected: of === value }, text),
  );
  return h("select", { class: "sel", "aria-label": label, onchange: (event) => change(event.target.value) }, choices);
}

function search(label, attributes, change) {
  const input = (event) => change(event.target.value);
  return h("input", { class: "field", type: "search", "aria-label": label, oninput: input, ...attributes });
}

function table(kind, heads, rows) {
  const head =
    heads &&
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        heads.map((text) => h("th", { scope: "col" }, text)),
      ),
    );
  return h("table", { class: kind }, head, h("tbody", null, rows));
}

function section(id, title, note, tools, ...content) {
  const head = [h("h2", { id }, title), note && quiet(note), tools && h("div", { class: "tools" }, tools)];
  return h("section", { "aria-labelledby": id }, h("header", null, head), ...content);
}
