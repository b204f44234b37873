import { train } from "../../../train.js";

export async function GET(request, { params }) {
  const { backend } = await params;
  return Response.json(await train(backend));
}
