import { useState } from "preact/hooks";
import { shareOf, ulpsText, type Tally } from "./tally.ts";

/** An op or a kernel with the worst of its errors; opened, with all comparisons. */
export function Row({ tally: { name, results, worst } }: { tally: Tally }) {
  const [isOpen, setOpen] = useState(false);
  const wrong = results.filter(({ ok }) => !ok).length;
  const kind = worst === null ? "waiting" : wrong > 0 ? "wrong" : "right";
  return (
    <li class={kind}>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <b>{name}</b>
          <i class="share" style={{ "--share": String(worst ? lengthOf(shareOf(worst)) : 0) }} />
          <span>{worst ? ulpsText(worst) : "–"}</span>
          <span>{wrong > 0 ? `✗ ${wrong} of ${results.length}` : worst ? "✓" : ""}</span>
        </summary>
        {isOpen && (
          <ul>
            {results.map((result) => (
              <li
                key={`${result.op} ${result.of} ${String(result.shapes)} ${result.kernel}`}
                class={result.ok ? "right" : "wrong"}
              >
                {result.op}, {result.of} for{" "}
                {result.shapes.map((shape) => `[${shape.join(", ")}]`).join(" ")}:{" "}
                <b>{result.failure ?? ulpsText(result)}</b>
                {result.kernel && <small>{result.kernel}</small>}
              </li>
            ))}
          </ul>
        )}
      </details>
    </li>
  );
}

/** How long a bar is: the limit fills it, and a thousandth of it nothing. */
const lengthOf = (share: number) => Math.min(Math.max(1 + Math.log10(share) / 3, 0), 1);
