/** What the docstrings and types of the public API say, as plain data. */
export interface Reference {
  things: Thing[];
  examples: Example[];
}

/** A program of the tests. */
export interface Example {
  file: string;
  title: string;
  code: string;
  /** Whether it runs by itself, with what it imports. */
  isWhole: boolean;
  /** What it imports, by where from. */
  imports: Record<string, string[]>;
  /** The names it uses: "compile", "nn.linear"; ".softmax" is a property of anything. */
  uses: string[];
}

/** A public name. */
export interface Thing {
  /** As it is written after imports: "softmax", "nn.linear". */
  name: string;
  /** Where it is imported from: "cotangent", "cotangent/io". */
  from: string;
  kind: "function" | "class" | "interface" | "type" | "constant";
  /** The file that declares it, below src/. */
  file: string;
  summary: string;
  /** How it is called; of a class, how it is made. */
  signatures: Signature[];
  /** Fields, options and methods. */
  members: Member[];
  /** The declaration of what is neither called nor has members. */
  text: string;
  /** What it has the members of, too. */
  bases: string[];
  /** Types it names that nobody can import. */
  hidden: string[];
  /** Whether tensors have it as a method. */
  isMethod: boolean;
}

export interface Signature {
  text: string;
  parameters: Parameter[];
  returns: Result | null;
  throws: Thrown[];
  /** The classes of errors that its code throws, as far as that can be read from it. */
  thrown: string[];
  hidden: string[];
}

export interface Parameter {
  name: string;
  doc: string;
}

export interface Result {
  type: string;
  doc: string;
}

export interface Thrown {
  error: string;
  doc: string;
}

/** A field, an option or a method. */
export interface Member {
  name: string;
  text: string;
  summary: string;
  signatures: Signature[];
  hidden: string[];
}
