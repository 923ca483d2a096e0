// R8 in a process of its own.
import { main } from "./malformed.ts";

const [, , mutants = "0", compare = ""] = process.argv;
console.log(`<<${JSON.stringify(await main({ mutants: Number(mutants), compare: compare === "compare" }))}>>`);
