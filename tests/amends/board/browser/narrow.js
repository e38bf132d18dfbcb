// What doesn't fit on a telephone: too wide, or too small for a thumb. Returns a list of sentences.
() => {
  const found = [];
  const name = (node) => `<${node.localName} class="${node.className}"> “${node.textContent.trim().slice(0, 40)}”`;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    found.push(`the page is ${root.scrollWidth} wide on ${root.clientWidth}`);
    for (const node of document.querySelectorAll("body *")) {
      const right = node.getBoundingClientRect().right;
      if (right > root.clientWidth + 1 && !node.closest(".wide, figure, pre, dialog")) found.push(`reaches ${Math.round(right)}: ${name(node)}`);
    }
  }
  const wanted = "button, .button, input:not([type=hidden]), select, textarea, summary, nav a";
  for (const node of document.querySelectorAll(wanted)) {
    if (!node.checkVisibility({ visibilityProperty: true }) || node.closest(".unseen, dialog:not([open])")) continue;
    const box = (node.matches("[type=checkbox], [type=radio]") && node.closest("label")) || node;
    const { height, width } = box.getBoundingClientRect();
    if (height < 39.5 || width < 24) found.push(`${Math.round(width)} x ${Math.round(height)}: ${name(node)}`);
  }
  return found;
}
