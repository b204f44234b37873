import * as ct from "cotangent";
import { readGroup } from "./goldens/format.ts";
import { netOf } from "./goldens/nets.ts";
await ct.init({backend:"webgpu"});
const c = (await readGroup("/work/shared/goldens","train")).find(c=>c.id==="mlp_reg_constant-1")!;
const net = netOf(c)!;
const t=(n: string)=>{const s=c.tensors.get(n)!; return ct.tensor(s.data,s.shape,{dtype:s.dtype==="float"?"float32":"int32"})};
const names=(c.attrs as {param_order:string[]}).param_order;
const vars=names.map(n=>ct.variable(t("in.param."+n)));
const p=Object.fromEntries(names.map((n,i)=>[n,vars[i]]));
const data={x:t("in.data.x"),y:t("in.data.y")};
console.log(data.x.shape,data.y.shape, vars.map(v=>v.shape));
const step=ct.compile((rows: ct.Tensor)=>{ const loss=net(p,{x:ct.gather(data.x,rows),y:ct.gather(data.y,rows)}); const g=ct.gradients(loss,vars); return {loss,norm:ct.optim.globalNorm(g)}; });
const rows=t("in.batches").slice([0],[1]).squeeze(0);
process.on("unhandledRejection",(e)=>console.log("unhandled",String(e).slice(0,100)));
for (const d of step.plan(rows).dispatches) if (d.kernel.includes("squaredDifference") ) console.log(d.kernel, d.ops, d.wgsl.slice(0,2600));
try { console.log(await step(rows).loss.item()); } catch(e) { console.log(String(e).slice(0,200)); }
