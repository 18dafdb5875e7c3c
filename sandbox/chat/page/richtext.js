// A message's text and entities (offsets in UTF-16 units, as JavaScript counts) as nodes.
import { make } from "./dom.js";

const PLAIN_TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", blockquote: "blockquote", expandable_blockquote: "blockquote" };
const COMMAND = /(^|\s)(\/[a-z0-9_]{1,32})(?![\w/])/gi;

export function richText(text, entities, onCommand) {
  const queue = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return span(text, queue, 0, text.length, onCommand, false);
}

function span(text, queue, start, end, onCommand, literal) {
  const nodes = document.createDocumentFragment();
  let at = start;
  while (queue.length && queue[0].offset < end) {
    const entity = queue.shift();
    if (entity.offset < at || !known(entity)) continue;
    const stop = Math.min(entity.offset + entity.length, end);
    nodes.append(plain(text.slice(at, entity.offset), onCommand, literal));
    const inner = span(text, queue, entity.offset, stop, onCommand, literal || isLiteral(entity));
    nodes.append(wrapped(entity, text.slice(entity.offset, stop), inner));
    at = stop;
  }
  nodes.append(plain(text.slice(at, end), onCommand, literal));
  return nodes;
}

const isLiteral = (entity) => ["code", "pre", "url", "text_link"].includes(entity.type);
const known = (entity) => entity.type in PLAIN_TAGS || entity.type === "spoiler" || isLiteral(entity);

function wrapped(entity, text, inner) {
  switch (entity.type) {
    case "code": return copyable(make("code", {}, inner), text);
    case "pre": return copyable(make("pre", {}, inner), text);
    case "spoiler": return spoiler(inner);
    case "url": return link(/^https?:/i.test(text) ? text : `https://${text}`, inner);
    case "text_link": return link(entity.url, inner);
    default: return make(PLAIN_TAGS[entity.type], {}, inner);
  }
}

function link(address, inner) {
  if (!/^(https?|tg):/i.test(address)) return inner;
  return make("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, inner);
}

function copyable(element, text) {
  element.classList.add("copy");
  button(element, "Tap to copy", async () => {
    await navigator.clipboard.writeText(text);
    element.classList.add("copied");
    setTimeout(() => element.classList.remove("copied"), 1400);
  });
  return element;
}

function spoiler(inner) {
  const element = make("span", { className: "spoiler" }, inner);
  button(element, "Tap to show", () => element.classList.add("shown"));
  return element;
}

function button(element, title, act) {
  Object.assign(element, { title, tabIndex: 0, role: "button" });
  element.addEventListener("click", (event) => { event.stopPropagation(); act(); });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
}

function plain(text, onCommand, literal) {
  const nodes = document.createDocumentFragment();
  let at = 0;
  for (const found of literal ? [] : text.matchAll(COMMAND)) {
    const start = found.index + found[1].length;
    nodes.append(text.slice(at, start));
    nodes.append(make("button", { type: "button", className: "command", onclick: () => onCommand(found[2]) }, found[2]));
    at = start + found[2].length;
  }
  nodes.append(text.slice(at));
  return nodes;
}
