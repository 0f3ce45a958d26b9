// Sorting, filtering and folding of the slices' tables. The page is whole without it: buttons appear only when it runs.
(() => {
  "use strict";

  const numbers = new Set(["base", "nps", "gap"]);

  // Rows without figures stay last, whichever way the others are sorted.
  const compare = (key, sign) => (a, b) => {
    const hidden = a.hasAttribute("data-hidden") - b.hasAttribute("data-hidden");
    if (hidden) return hidden;
    if (numbers.has(key)) return sign * (Number(a.dataset[key]) - Number(b.dataset[key]));
    return sign * a.cells[0].textContent.localeCompare(b.cells[0].textContent, document.documentElement.lang, { numeric: true });
  };

  const sortBy = (table, header) => {
    const descending = header.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort(compare(header.dataset.sort, descending ? -1 : 1)));
  };

  const addSorting = (table) => {
    table.querySelectorAll("th[data-sort]").forEach((header) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      button.title = header.dataset.label;
      button.addEventListener("click", () => { unfold(table); sortBy(table, header); });
      header.replaceChildren(button);
    });
  };

  const unfold = (table) => {
    table.classList.remove("foldable");
    const button = document.querySelector(`[data-more="${table.id}"]`);
    if (button) button.hidden = true;
  };

  const addFolding = (table) => {
    const button = document.querySelector(`[data-more="${table.id}"]`);
    if (!button) return;
    table.classList.add("foldable");
    button.hidden = false;
    button.addEventListener("click", () => unfold(table));
  };

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const addFilter = (table) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 6) return;
    const label = document.createElement("label");
    const input = document.createElement("input");
    const status = document.createElement("span");
    label.className = "filter";
    label.append(table.dataset.filter, " ", input);
    input.type = "search";
    input.setAttribute("aria-label", table.dataset.filterLabel);
    status.className = "soft";
    status.setAttribute("role", "status");
    input.addEventListener("input", () => {
      unfold(table);
      const wanted = plain(input.value);
      rows.forEach((row) => { row.hidden = !plain(row.textContent).includes(wanted); });
      status.textContent = wanted ? table.dataset.filtered.replace("#", rows.filter((row) => !row.hidden).length) : "";
    });
    const bar = document.createElement("div");
    bar.className = "tools";
    bar.append(label, status);
    table.before(bar);
  };

  document.querySelectorAll("table[id].slices").forEach((table) => {
    addSorting(table);
    addFolding(table);
    addFilter(table);
  });
})();
