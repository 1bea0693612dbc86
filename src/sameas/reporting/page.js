"use strict";
for (const group of document.querySelectorAll("[data-choose]")) {
  const cards = document.querySelectorAll("[data-kind]");
  const buttons = group.querySelectorAll("button");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      const kind = button.dataset.show;
      for (const card of cards) card.hidden = kind !== "all" && card.dataset.kind !== kind;
    });
  }
}
