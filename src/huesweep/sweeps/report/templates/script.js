"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = Array.from(table.tHead.rows[0].cells);
  const body = table.tBodies[0];
  for (const [column, heading] of headings.entries()) {
    heading.firstElementChild.addEventListener("click", () => {
      const opposite = { ascending: "descending", descending: "ascending" };
      const order = opposite[heading.getAttribute("aria-sort")] || heading.dataset.first;
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const compare = (one, other) => {
        const [a, b] = [one.cells[column], other.cells[column]];
        const [empty, alsoEmpty] = [a.textContent === "", b.textContent === ""];
        if (empty || alsoEmpty) return empty - alsoEmpty;  // what has no value stays below, in either order
        if ("value" in a.dataset && "value" in b.dataset) return sign * (a.dataset.value - b.dataset.value);
        return sign * a.textContent.localeCompare(b.textContent, "en", { numeric: true });
      };
      body.append(...Array.from(body.rows).sort(compare));
    });
  }
}

// A trial lights up wherever the page shows it: its row, its dots, its strip.
function light(event, isLit) {
  const found = event.target.closest("[data-trial]");
  if (!found) return;
  for (const one of document.querySelectorAll(`[data-trial="${found.dataset.trial}"]`)) one.classList.toggle("lit", isLit);
}
for (const [begin, end] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(begin, (event) => light(event, true));
  document.addEventListener(end, (event) => light(event, false));
}

// One stop of the Tab key a table or figure; arrow keys move on from there.
function focusOn(one, group) {
  for (const other of group.querySelectorAll("[data-trial]")) other.setAttribute("tabindex", "-1");
  one.setAttribute("tabindex", "0");
  one.focus();
}
function leadToRow(dot) {
  const row = document.querySelector(`tr[data-trial="${dot.dataset.trial}"]`);
  focusOn(row, row.parentElement);
}
document.addEventListener("keydown", (event) => {
  const found = event.target;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser's own
  const group = found.closest("tbody, svg");
  if (!group || !found.matches("[data-trial]")) return;
  const all = Array.from(group.querySelectorAll("[data-trial]"));
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const next = all[all.indexOf(found) + step];
  if (next) focusOn(next, group);
  else if (event.key === "Enter" && found.matches(".dot")) leadToRow(found);
  else if (event.key === "Enter" && found.querySelector("a")) found.querySelector("a").click();
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  const dot = event.target.closest(".dot");
  if (dot) leadToRow(dot);
});

// Of figures to choose among, one shows.
for (const select of document.querySelectorAll(".choice select")) {
  const figures = Array.from(select.closest(".choice").querySelectorAll("figure"));
  const show = () => figures.forEach((figure, place) => { figure.hidden = place !== select.selectedIndex; });
  select.addEventListener("change", show);
  show();
}
