import { byId } from "./live.ts";

interface NoticeOptions {
  /** What the notice offers to do. */
  label?: string;
  act?: () => void;
  /** Of notices about the same, the last is shown. */
  about?: string;
}

/** Shows a message over the page, which moves nothing on it; it stays until it is answered. */
export function notify(
  text: string,
  { label = "OK", act = () => {}, about = text }: NoticeOptions = {},
): void {
  const list = byId("notices", HTMLElement);
  for (const other of list.querySelectorAll<HTMLElement>(".notice"))
    if (other.dataset["about"] === about) other.remove();
  const notice = document.createElement("div");
  const message = document.createElement("p");
  const button = document.createElement("button");
  notice.className = "notice";
  notice.dataset["about"] = about;
  message.textContent = text;
  button.textContent = label;
  button.type = "button";
  button.addEventListener("click", () => {
    notice.remove();
    act();
  });
  notice.append(message, button);
  list.append(notice);
}
