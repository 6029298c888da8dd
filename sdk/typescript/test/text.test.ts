import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, textToBytes, textToString, toBase64, toText } from "@acetate/client";

test("bytes that are no UTF-8 go through strings without loss", () => {
  for (const bytes of [
    [],
    [0x61],
    [0xff],
    [0x61, 0xff, 0x62],
    [0xc3, 0xa9],
    [0xc3],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98, 0x80, 0xfe],
    [0xef, 0xbb, 0xbf, 0x61],
  ]) {
    const whole = Uint8Array.from(bytes);
    const shown = textToString(whole);
    assert.deepEqual(textToBytes(shown), whole, JSON.stringify(bytes));
    assert.deepEqual(textToBytes(toText(shown)), whole);
    assert.deepEqual(fromBase64(toBase64(whole)), whole);
  }
  assert.deepEqual(toText("a\udcffb"), { base64: "Yf9i" });
  assert.equal(toText(new TextEncoder().encode("é")), "é");
  assert.throws(() => textToBytes("\ud800"), TypeError);
  assert.throws(() => fromBase64("*"), TypeError);
});

test("large contents in base64", () => {
  const bytes = new Uint8Array(1 << 20).map((_, at) => at * 7);
  assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
});
