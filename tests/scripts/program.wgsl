const ANSWER: u32 = 42;
