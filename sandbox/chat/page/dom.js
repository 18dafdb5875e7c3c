// Small helpers around the document. Text only ever enters the page as text nodes.

export const byId = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export function avatar(id, name) {
  const letters = [...name.trim()][0]?.toUpperCase() ?? "?";
  return make("span", { className: `avatar c${Math.abs(id) % 7}`, ariaHidden: "true" }, letters);
}

export function toast(text) {
  const note = make("div", { className: "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 2500 + 40 * text.length);
}

export function alertBox(text) {
  byId("alert").querySelector("p").textContent = text;
  if (!byId("alert").open) byId("alert").showModal();
}

// Runs an action of a person; what goes wrong is told, not thrown.
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(error.message);
    return undefined;
  }
}
