// Says of each document whether ajv accepts it: documents and schemas come on standard input, answers go to standard output.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import formats from "ajv-formats";

const { schemas, documents } = JSON.parse(readFileSync(0, "utf8"));
// Not strict: keywords such as x-writable are for people and editors.
const ajv = new Ajv({ strict: false, allErrors: false });
formats(ajv);
const checks = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]));
console.log(JSON.stringify(documents.map(([name, document]) => checks[name](document))));
