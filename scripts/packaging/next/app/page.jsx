import { train } from "../train.js";
import { Trainer } from "./trainer.jsx";

/** A server component that trains. */
export default async function Page() {
  const { last } = await train("cpu");
  return (
    <>
      <p>{`trained in a server component: ${last < 0.1}`}</p>
      <Trainer />
    </>
  );
}
