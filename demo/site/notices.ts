import { byId } from "./live.ts";

/** What a notice offers to do. */
interface Offer {
  label: string;
  act: () => void;
}

/** Shows a message over the page, which moves nothing on it; it stays until it is answered. */
export function notify(text: string, offer: Offer = { label: "OK", act: () => {} }): void {
  const list = byId("notices", HTMLElement);
  for (const other of list.children) if (other.firstChild?.textContent === text) other.remove();
  const notice = document.createElement("div");
  const message = document.createElement("p");
  const button = document.createElement("button");
  notice.className = "notice";
  message.textContent = text;
  button.textContent = offer.label;
  button.type = "button";
  button.addEventListener("click", () => {
    notice.remove();
    offer.act();
  });
  notice.append(message, button);
  list.append(notice);
}
