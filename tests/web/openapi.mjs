// node openapi.mjs FILE: whether it is a document of OpenAPI, as a validator says that others made.
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';

const said = await new Validator().validate(JSON.parse(readFileSync(process.argv[2], 'utf8')));
if (!said.valid) {
	console.error(JSON.stringify(said.errors, null, 1));
	process.exit(1);
}
