// Every page of a folder by the HTML standard, as html-validate has it; its opinions beyond the standard are not asked for.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({ root: true, extends: ['html-validate:standard'] });

export async function validate(out) {
  const files = (await readdir(out, { recursive: true })).filter(file => file.endsWith('.html'));
  assert.ok(files.length > 0, 'there are no pages');
  const faults = [];
  for (const file of files) {
    const { results } = await validator.validateString(await readFile(join(out, file), 'utf8'), file);
    for (const { messages } of results) faults.push(...messages.map(m => `${file}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
  }
  assert.deepEqual(faults, []);
  return files.length;
}
