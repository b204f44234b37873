import type { ComponentChild } from "preact";
import { limitsOf, seeds, type Limits } from "../recipes/bands.ts";
import { recipeNames, recipes, type RecipeName } from "../recipes/list.ts";
import type { RecipeRow } from "./protocol.ts";

/** A number for which there is room before it is known. */
const Figure = ({ value, digits = 4 }: { value: number | undefined; digits?: number }) => (
  <span class="figure">{value?.toFixed(digits) ?? "–"}</span>
);

const Band = ({ low, high }: Limits) => (
  <td>
    {low.toFixed(4)} to {high.toFixed(4)}
  </td>
);

interface RecipesProps {
  found: readonly RecipeRow[];
  /** How many epochs are asked for. */
  epochs: number;
}

/** The runs of a recipe, where their medians should lie, and the medians. */
function Recipe({ name, found, epochs }: RecipesProps & { name: RecipeName }): ComponentChild {
  const { title } = recipes[name];
  const own = found.filter((row) => row.title === title);
  const verdict = own.flatMap((row) => ("verdict" in row ? [row.verdict] : [])).at(0);
  const limits = verdict ?? limitsOf(name, epochs);
  const side = verdict && (verdict.inside ? "inside" : "outside");
  return (
    <tbody>
      <tr class="title">
        <th scope="rowgroup" colSpan={4}>
          {title}
        </th>
      </tr>
      {seeds.map((seed) => {
        const result = own
          .flatMap((row) => ("seed" in row && row.seed === seed ? [row.result] : []))
          .at(0);
        return (
          <tr key={seed} class={result ? "known" : ""}>
            <th scope="row">seed {seed}</th>
            <td>
              <Figure value={result?.trainLoss} />
            </td>
            <td>
              <Figure value={result?.testAccuracy} />
            </td>
            <td>
              <Figure value={result?.stepsPerSecond} digits={0} />
            </td>
          </tr>
        );
      })}
      <tr>
        <th scope="row">PyTorch’s bands</th>
        <Band {...limits.loss} />
        <Band {...limits.accuracy} />
        <td />
      </tr>
      <tr class={side && `known ${side}`}>
        <th scope="row">median</th>
        <td>
          <Figure value={verdict?.loss.value} />
        </td>
        <td>
          <Figure value={verdict?.accuracy.value} />
        </td>
        <td>
          <span class="side">{side ?? "–"}</span>
        </td>
      </tr>
    </tbody>
  );
}

/** All recipes, with a row for each run that is to come too: nothing moves. */
export const Recipes = (props: RecipesProps): ComponentChild =>
  recipeNames.map((name) => <Recipe key={name} name={name} {...props} />);
