import { optim, type Variable } from "cotangent";

/** PyTorch's names and hyper-parameters, as the goldens state them. */
export interface Recipe {
  optimizer: string;
  optimizer_params: Record<string, number | boolean | [number, number]>;
  schedule?: TorchSchedule | null;
  clip?: [mode: "value" | "norm", limit: number] | null;
}

export interface TorchSchedule {
  type: string;
  [name: string]: unknown;
}

/** The optimizer that a recipe describes. */
export function optimizerOf(
  parameters: Variable[],
  { optimizer, optimizer_params: params, schedule, clip }: Recipe,
): optim.Optimizer {
  const n = (name: string) => Number(params[name]);
  const b = (name: string) => Boolean(params[name]);
  const common = {
    learningRate: schedule ? scheduleOf(n("lr"), schedule) : n("lr"),
    weightDecay: n("weight_decay"),
    ...(clip && { [clip[0] === "value" ? "clipValue" : "clipNorm"]: clip[1] }),
  };
  if (optimizer.startsWith("adam")) {
    const [beta1, beta2] = params.betas as [number, number];
    const make = optimizer.startsWith("adamw") ? optim.adamw : optim.adam;
    return make(parameters, {
      ...common,
      beta1,
      beta2,
      epsilon: n("eps"),
      amsgrad: b("amsgrad"),
    });
  }
  if (optimizer.startsWith("rmsprop")) {
    return optim.rmsprop(parameters, {
      ...common,
      alpha: n("alpha"),
      epsilon: n("eps"),
      momentum: n("momentum"),
      centered: b("centered"),
    });
  }
  if (optimizer.startsWith("adagrad")) {
    return optim.adagrad(parameters, {
      ...common,
      learningRateDecay: n("lr_decay"),
      epsilon: n("eps"),
      initialSum: n("initial_accumulator_value"),
    });
  }
  return optim.sgd(parameters, {
    ...common,
    momentum: n("momentum"),
    dampening: n("dampening"),
    nesterov: b("nesterov"),
  });
}

function cycleOf(mode: string): "exponential" | "triangular" {
  if (mode === "exp_range") return "exponential";
  if (mode === "triangular") return "triangular";
  throw new Error(`cycles of the mode ${mode} are not there`);
}

/** The schedule that PyTorch's scheduler of this description follows. */
export function scheduleOf(rate: number, torch: TorchSchedule): optim.Schedule {
  const n = (name: string) => Number(torch[name]);
  switch (torch.type) {
    case "ExponentialLR":
      return optim.exponential(rate, { factor: n("gamma") });
    case "StepLR":
      return optim.step(rate, { every: n("step_size"), factor: n("gamma") });
    case "MultiStepLR":
      return optim.multiStep(rate, {
        milestones: torch.milestones as number[],
        factor: n("gamma"),
      });
    case "CosineAnnealingLR":
      return optim.cosine(rate, { steps: n("T_max"), final: n("eta_min") });
    case "CosineAnnealingWarmRestarts":
      return optim.cosineRestarts(rate, {
        steps: n("T_0"),
        growth: n("T_mult"),
        final: n("eta_min"),
      });
    case "LinearLR":
      return optim.linearWarmup(rate, {
        steps: n("total_iters"),
        start: n("start_factor"),
        end: n("end_factor"),
      });
    case "PolynomialLR":
      return optim.polynomial(rate, { steps: n("total_iters"), power: n("power") });
    case "OneCycleLR":
      return optim.oneCycle(n("max_lr"), {
        steps: n("total_steps"),
        rise: n("pct_start"),
        shape: torch.anneal === "cos" ? "cosine" : "linear",
        threePhases: Boolean(torch.three_phase),
        startDivisor: n("div_factor"),
        endDivisor: n("final_div_factor"),
      });
    case "CyclicLR":
      return optim.cyclic(n("base_lr"), n("max_lr"), {
        up: n("step_size_up"),
        down: n("step_size_down") || n("step_size_up"),
        mode: cycleOf(String(torch.mode)),
        factor: n("gamma") || 1,
      });
    case "SequentialLR":
      return optim.sequence(
        [torch.first, torch.then].map((part) => scheduleOf(rate, part as TorchSchedule)),
        torch.milestones as number[],
      );
    case "lambda":
      return lambdaOf(rate, String(torch.formula));
    default:
      throw new Error(`the schedule ${torch.type} is not there`);
  }
}

/** Of the two formulas that stand in for a lambda: Noam's, and some updates of warm-up before a cosine. */
function lambdaOf(rate: number, formula: string): optim.Schedule {
  const noam = /^sqrt\((\d+)\)/.exec(formula);
  if (noam) return optim.inverseSqrt(rate, { warmup: Number(noam[1]) });
  const cosine = /^s<(\d+) .* : ([\d.]+)\+.*\/\((\d+)-\1\)/.exec(formula);
  if (!cosine) throw new Error(`the formula ${formula} is not understood`);
  const [warmup, final, steps] = cosine.slice(1).map(Number);
  return optim.warmupCosine(rate, { warmup, steps, final: rate * final });
}
