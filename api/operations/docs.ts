import { Router, static as serveFiles } from 'express';
import { dirname } from 'node:path';
import type { AppContext } from '../context';
import { openApiDocument } from './openapi';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Durable Handoff API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui' });\n`;

/** Swagger UI sets styles inline; all else comes from this server alone. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** The OpenAPI document, and the page that shows it without loading anything from another host. */
export function docsRoutes({ settings }: AppContext): Router {
  const document = openApiDocument(settings.api.publicUrl);
  const assets = dirname(require.resolve('swagger-ui-dist/package.json'));
  return Router()
    .get('/openapi.json', (_req, res) => {
      res.json(document);
    })
    .get('/docs', (_req, res) => {
      res.set('Content-Security-Policy', PAGE_POLICY).type('html').send(PAGE);
    })
    .get('/docs/start.js', (_req, res) => {
      res.type('text/javascript').send(START);
    })
    .use('/docs/assets', serveFiles(assets, { index: false }));
}
