/** A page of the site, as its head, the navigation and whoever shares it show it. */
export interface PageInfo {
  /** Its file is `demo/<name>.html`, its script `demo/<name>/main.tsx`, its own styles `demo/<name>/page.css`. */
  name: string;
  /** In the navigation; a page without is reached by links alone. */
  nav?: string;
  title: string;
  /** One sentence, for search engines and for whom a link is sent to. */
  description: string;
  /** Words to read, whole without a script: nothing is computed in it before one asks. */
  isText?: true;
}

/** All pages, in the order of the navigation. The picture that goes with a link is `demo/public/share/<name>.png`. */
export const pages: readonly PageInfo[] = [
  {
    name: "index",
    nav: "Start",
    title: "Cotangent: neural networks on your own GPU",
    description:
      "A neural network learns in front of you, on your own GPU, in this tab, and the ten lines that do it can be changed.",
  },
  {
    name: "playground",
    nav: "Playground",
    title: "Playground: a network learns where a straight line fails | Cotangent",
    description:
      "Paint points while a neural network learns them on your GPU, and look into each of its units, up to 8 layers of 128.",
  },
  {
    name: "approximation",
    nav: "Approximation",
    title: "Approximation: a sum of sigmoids becomes any curve | Cotangent",
    description:
      "Draw a curve: bumps made of sigmoids follow it by construction, a sum of sigmoids by training, side by side on your GPU.",
  },
  {
    name: "activations",
    nav: "Activations",
    title: "Activations, and what they do to the gradient | Cotangent",
    description:
      "Every activation with its slope and curvature, computed on your GPU, and what twenty layers of it leave of a gradient.",
  },
  {
    name: "derivatives",
    nav: "Derivatives",
    title: "Derivatives: forward and backward, one step at a time | Cotangent",
    description:
      "Type a formula and walk through its derivatives, forward and in reverse; see differences fail and complex steps not.",
  },
  {
    name: "digits",
    nav: "Digits",
    title: "Digits: a network learns to read | Cotangent",
    description:
      "A neural network learns to read handwritten digits, live, on your GPU. Draw a digit and see what it makes of it.",
  },
  {
    name: "siren",
    nav: "SIREN",
    title: "SIREN: what a network of sines can draw, and ReLU cannot | Cotangent",
    description:
      "Two networks learn a picture on your GPU, yours if you like: one of sines, one of ReLUs, with their gradients and Laplacians.",
  },
  {
    name: "hood",
    nav: "Under the hood",
    title: "Under the hood: what a GPU makes of a training step | Cotangent",
    description:
      "Hundreds of operations become a dozen GPU programs: the graph, the source, the memory and the time of each, measured on yours.",
  },
  {
    name: "validate",
    nav: "Validate",
    title: "Validate: does your GPU compute what mathematics says? | Cotangent",
    description:
      "Every op and GPU program of the library on your own GPU, compared with float64, and its training with PyTorch’s.",
  },
  {
    name: "guide",
    nav: "Guide",
    title: "Guide: the library on one page | Cotangent",
    description:
      "Tensors, gradients, a training step, a module of one’s own, saving: seven short programs that run on your GPU.",
  },
  {
    name: "reference",
    nav: "Reference",
    title: "Reference: every name of the library | Cotangent",
    description:
      "What each function, layer and optimizer takes, gives and throws, with programs that use it, and a search.",
    isText: true,
  },
];
