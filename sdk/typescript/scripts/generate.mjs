#!/usr/bin/env node
// Writes src/generated/types.ts from the OpenAPI document. With --check it writes nothing and fails where the file is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const document = fileURLToPath(new URL("../../../docs/reference/openapi.json", import.meta.url));
const target = fileURLToPath(new URL("../src/generated/types.ts", import.meta.url));

// The document shows both a text (a string, or `{"base64": …}` where it is not UTF-8) and free data as a bare object. These are the
// properties that hold free data; a bare object anywhere else is a text.
const FREE = new Set(["Event.data", "OperationInfo.before", "OperationInfo.after", "Problem.details"]);

const { components } = JSON.parse(readFileSync(document, "utf8"));
const schemas = components.schemas;

/** The text of a comment, indented; empty without a description. */
function comment(description, indent) {
  if (!description) return "";
  const lines = description
    .replaceAll("*/", "*\\/")
    .replace(/\[`([^`\]]+)`\]/g, "`$1`")
    .split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

function described(schema) {
  const unit = schema.format === "date-time" ? "RFC 3339." : "";
  return [schema.description, unit].filter(Boolean).join(" ");
}

/** The type of a schema; `place` is `Schema.property`. */
function type(schema, place, indent) {
  if (schema === true || Object.keys(schema).length === 0) return "unknown";
  if (schema.$ref) return name(schema.$ref);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.oneOf || schema.anyOf) return (schema.oneOf ?? schema.anyOf).map((one) => group(type(one, place, indent))).join(" | ");
  if (schema.allOf) return schema.allOf.map((one) => group(type(one, place, indent))).join(" & ");
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one }, place, indent)).join(" | ");
  switch (schema.type) {
    case "null":
      return "null";
    case "string":
    case "boolean":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `${group(type(schema.items ?? true, place, indent))}[]`;
    case "object":
      return object(schema, place, indent);
    default:
      throw new Error(`${place}: a schema of type ${JSON.stringify(schema.type)}`);
  }
}

function object(schema, place, indent) {
  if (!schema.properties) {
    if (FREE.has(place)) return "Data";
    if (typeof schema.additionalProperties === "object") return `Record<string, ${type(schema.additionalProperties, place, indent)}>`;
    return "Text";
  }
  const inner = `${indent}  `;
  const required = new Set(schema.required ?? []);
  const outer = place.split(".")[0];
  const members = Object.entries(schema.properties).map(([key, value]) => {
    const shown = /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
    // Absent and null come to the same everywhere, and a caller may hold an undefined.
    const [mark, also] = required.has(key) ? ["", ""] : ["?", " | undefined"];
    return `${comment(described(value), inner)}${inner}${shown}${mark}: ${type(value, `${outer}.${key}`, inner)}${also};\n`;
  });
  return members.length === 0 ? "Record<string, never>" : `{\n${members.join("")}${indent}}`;
}

function group(text) {
  // A union within an intersection or an array needs parentheses; what stands in braces does not.
  return / [|&] /.test(text.replace(/\{[^]*\}/g, "")) ? `(${text})` : text;
}

/** `Answer_X` is what is asked for, and where the session stands. */
function name(reference) {
  const found = reference.split("/").pop();
  return found.startsWith("Answer_") ? `Answer<${found.slice("Answer_".length)}>` : found;
}

const parts = [
  `// Written by scripts/generate.mjs from docs/reference/openapi.json. Do not edit.

/** A text or a path: a string, or its bytes where they are not UTF-8. */
export type Text = string | { base64: string };

/** Data whose shape depends on what it belongs to. */
export type Data = Record<string, unknown>;

/** An answer about a session: what was asked for, and where the session stands. */
export type Answer<T> = T & {
  /** Where the session stands. */
  standing: Standing;
};
`,
];
for (const [key, schema] of Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (key.startsWith("Answer_")) {
    if (!schemas[key.slice("Answer_".length)]) throw new Error(`${key} answers with something that has no schema of its own`);
    continue;
  }
  parts.push(`${comment(schema.description, "")}export type ${key} = ${type(schema, key, "")};\n`);
}
const text = parts.join("\n");

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/generated/types.ts is stale: run `npm run generate`");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
