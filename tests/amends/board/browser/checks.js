// What a person with a keyboard, a screen reader or weak eyes trips over on the page that is open.
// Returns a list of sentences; an empty one is a clean page.
() => {
  const found = [];
  const name = (node) => {
    const id = node.id ? `#${node.id}` : "";
    const words = (node.textContent || node.getAttribute("name") || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${node.localName}${id} class="${node.className}"> “${words}”`;
  };
  const wrong = (what, node) => found.push(`${what}: ${name(node)}`);
  const every = (wanted, root = document) => [...root.querySelectorAll(wanted)];
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !node.closest(".unseen, .skip") && !node.closest("dialog:not([open])");

  const called = (node) => {
    const parts = [node.getAttribute("aria-label") ?? ""];
    for (const id of (node.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean)) {
      const other = document.getElementById(id);
      if (!other) wrong(`aria-labelledby names nothing (${id})`, node);
      parts.push(other?.textContent ?? "");
    }
    for (const label of node.labels ?? []) parts.push(label.textContent);
    if (!node.matches("input, select, textarea")) parts.push(node.textContent);
    if (node.matches("input[type=submit], input[type=button]")) parts.push(node.value);
    return parts.join(" ").trim();
  };
  const CONTROLS = "button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button]";
  for (const node of every(CONTROLS)) if (!called(node)) wrong("a control without a name", node);
  for (const node of every("article, section[aria-labelledby], dialog, nav")) {
    if (!called(node)) wrong("a region without a name", node);
  }
  for (const node of every("nav, dialog")) {
    if (!node.hasAttribute("aria-label") && !node.hasAttribute("aria-labelledby")) wrong("not labelled", node);
  }
  for (const node of every("img, svg")) {
    const hidden = node.closest("[aria-hidden=true]");
    const words = node.getAttribute("alt") ?? node.getAttribute("aria-label") ?? node.querySelector("title")?.textContent
      ?? node.closest("[aria-label], [aria-labelledby], figure:has(figcaption)");
    if (!hidden && words === undefined || words === null) wrong("a picture without words", node);
  }

  if (every("h1").length !== 1) found.push(`${every("h1").length} h1`);
  for (const mark of ["body > header", "main", "body > footer", "nav"]) {
    if (every(mark).length !== 1 && !(mark === "nav" && every(mark).length > 1)) found.push(`not one ${mark}`);
  }
  let level = 0;
  for (const node of every("h1, h2, h3, h4, h5, h6").filter(seen)) {
    const own = Number(node.localName[1]);
    if (own > level + 1) wrong(`a heading leaves out a level (after h${level})`, node);
    level = own;
  }
  if (!document.documentElement.lang) found.push("no language");
  if (!document.title.trim()) found.push("no title");
  const ids = every("[id]").map((node) => node.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) found.push(`two nodes are called #${id}`);
  for (const node of every("ul > :not(li, template, script), ol > :not(li, template, script)")) wrong("not a list item", node);
  for (const node of every("li")) if (!node.closest("ul, ol, menu")) wrong("an item of no list", node);
  for (const node of every("[aria-describedby], [aria-controls]")) {
    for (const told of ["aria-describedby", "aria-controls"]) {
      const id = node.getAttribute(told);
      if (id && !document.getElementById(id)) wrong(`${told} names nothing`, node);
    }
  }
  for (const node of every("[tabindex]")) if (node.tabIndex > 0) wrong("a place of its own in the focus order", node);
  for (const node of every("*")) {
    const style = getComputedStyle(node);
    if (style.order !== "0" || style.flexDirection.endsWith("-reverse")) wrong("looks otherwise than it reads", node);
  }
  for (const outer of every("a[href], button, summary, label")) {
    const inner = outer.querySelector(outer.matches("label") ? "label, button, a[href]" : "a[href], button, input, select, textarea");
    if (inner) wrong("a control within a control", inner);
  }

  // Colours as they are drawn: whatever the browser calls them, a canvas paints them.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const paint = (text) => {
    if (!known.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(text, { rgb: [red, green, blue], alpha: alpha / 255 });
    }
    return known.get(text);
  };
  const over = (front, alpha, back) => front.map((one, at) => one * alpha + back[at] * (1 - alpha));
  const base = paint(getComputedStyle(document.body).backgroundColor).rgb;
  const behind = (node) => {
    if (!node) return base;
    const { rgb, alpha } = paint(getComputedStyle(node).backgroundColor);
    return alpha >= 0.999 ? rgb : over(rgb, alpha, behind(node.parentElement));
  };
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((one) => {
      const part = one / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const faded = (node) => (node ? Number(getComputedStyle(node).opacity) * faded(node.parentElement) : 1);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.nodeValue.trim() || node.closest("svg, script, style, option, :disabled") || !seen(node)) continue;
    const back = behind(node);
    const { rgb, alpha } = paint(getComputedStyle(node).color);
    const is = ratio(over(rgb, alpha * faded(node), back), back);
    if (is < 4.5) wrong(`contrast ${is.toFixed(2)}`, node);
  }
  for (const node of every("input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea").filter(seen)) {
    const style = getComputedStyle(node);
    const is = ratio(paint(style.borderTopColor).rgb, behind(node.parentElement));
    if (is < 3) wrong(`an edge nobody sees, ${is.toFixed(2)}`, node);
  }
  return found;
}
