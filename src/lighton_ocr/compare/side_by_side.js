// Shows one page at a time; without this script, all pages stand below each other.
const articles = [...document.querySelectorAll("article")];
const choice = document.getElementById("page");

function show(number) {
  choice.value = Math.min(Math.max(number, 0), articles.length - 1);
  articles.forEach((article, index) => { article.hidden = index !== Number(choice.value); });
}

document.querySelector("nav").hidden = articles.length === 0;
document.getElementById("back").addEventListener("click", () => show(Number(choice.value) - 1));
document.getElementById("on").addEventListener("click", () => show(Number(choice.value) + 1));
choice.addEventListener("change", () => show(Number(choice.value)));
document.addEventListener("keydown", (event) => {
  if (event.target.closest("select, pre, figure")) return;
  if (event.key === "ArrowLeft") show(Number(choice.value) - 1);
  if (event.key === "ArrowRight") show(Number(choice.value) + 1);
});
if (articles.length) show(0);
