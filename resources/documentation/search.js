// Search without a network: all words must occur; matches in titles come first.
const field = document.getElementById("search");
const results = document.getElementById("results");

function rank([, title, kind, text], query, words) {
  const name = title.toLowerCase();
  if (name === query) return 0;
  if (name.startsWith(query)) return 1;
  if (words.every((word) => name.includes(word))) return 2;
  const content = `${name} ${kind} ${text}`.toLowerCase();
  return words.every((word) => content.includes(word)) ? 3 : 4;
}

function showResults() {
  const query = field.value.trim().toLowerCase();
  const words = query.split(/\s+/);
  const ranked = pages.map((page) => [rank(page, query, words), page]);
  const found = ranked.filter(([value]) => value < 4).sort((a, b) => a[0] - b[0]).slice(0, 20);
  results.hidden = !query;
  results.replaceChildren(...found.map(([, [slug, title, kind]]) => {
    const link = document.createElement("a");
    link.href = `${slug}.html`;
    link.textContent = `${title} `;
    const note = document.createElement("small");
    note.textContent = kind;
    link.append(note);
    return link;
  }));
  if (!found.length) results.textContent = "Nothing matches.";
}

field.addEventListener("input", showResults);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") results.querySelector("a")?.click();
  if (event.key === "Escape") { field.value = ""; showResults(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) { event.preventDefault(); field.focus(); }
});
