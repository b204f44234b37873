import type { ComponentChild } from "preact";
import { limitsOf, seeds, type Band, type Limits } from "../recipes/bands.ts";
import { recipeNames, recipes, type RecipeName } from "../recipes/list.ts";
import type { RecipeRow } from "./protocol.ts";

/** A number for which there is room before it is known. */
const Figure = ({ value, digits = 4 }: { value: number | undefined; digits?: number }) => (
  <span class="number">{value?.toFixed(digits) ?? "–"}</span>
);

/** A median, and what it is to lie in. */
const Median = ({ value, low, high }: Limits & Partial<Band>) => (
  <td>
    <Figure value={value} /> ({low.toFixed(4)} to {high.toFixed(4)})
  </td>
);

interface RecipesProps {
  found: readonly RecipeRow[];
  /** How many epochs are asked for. */
  epochs: number;
}

function rowsOf(name: RecipeName, { found, epochs }: RecipesProps): ComponentChild {
  const { title } = recipes[name];
  const own = found.filter((row) => row.title === title);
  const verdict = own.flatMap((row) => ("verdict" in row ? [row.verdict] : [])).at(0);
  const side = verdict ? (verdict.inside ? "inside" : "outside") : "waiting";
  const limits = verdict ?? limitsOf(name, epochs);
  return [
    ...seeds.map((seed) => {
      const result = own.flatMap((row) => ("seed" in row && row.seed === seed ? [row.result] : []));
      return (
        <tr key={`${name} ${seed}`} class={result.length > 0 ? "" : "waiting"}>
          <th scope="row">{title}</th>
          <td>{seed}</td>
          <td>
            <Figure value={result.at(0)?.trainLoss} />
          </td>
          <td>
            <Figure value={result.at(0)?.testAccuracy} />
          </td>
          <td>
            <Figure value={result.at(0)?.stepsPerSecond} digits={0} />
          </td>
        </tr>
      );
    }),
    <tr key={name} class={side}>
      <th scope="row">
        <div data-longest="outside PyTorch’s bands">
          <span>{verdict ? `${side} PyTorch’s bands` : "PyTorch’s bands"}</span>
        </div>
      </th>
      <td>median</td>
      <Median {...limits.loss} />
      <Median {...limits.accuracy} />
      <td />
    </tr>,
  ];
}

/** A row for each run of a recipe and for what its runs come to, those that are to come too: nothing moves. */
export const Recipes = (props: RecipesProps): ComponentChild =>
  recipeNames.map((name) => rowsOf(name, props));
