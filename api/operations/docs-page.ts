/** The page at `/docs`: Swagger UI in the colors of the sandbox's page. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Durable Handoff API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/style.css">
<link rel="icon" href="/docs/icon.svg" type="image/svg+xml">
</head>
<body>
<div id="ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** Swagger UI has a dark mode, which it leaves to the page to switch on. */
export const START = `const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  docExpansion: 'list',
});
`;

/** The colors of the sandbox's page on Swagger UI's own layout; its dark mode does the rest, and `:root:root` outranks it. */
export const STYLE = `:root {
  --paper: #f4f2ee;
  --card: #fffefb;
  --line: #e0dbd1;
  --ink: #23211d;
  --soft: #666056;
  --post: #0e6b58;
  --get: #1c63d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161513;
    --card: #1f1e1b;
    --line: #393631;
    --ink: #eeebe4;
    --soft: #aaa397;
    --post: #6fd0b4;
    --get: #86b4ff;
  }
}
:root:root, :root:root :is(body, .swagger-ui) { background: var(--paper); }
body { margin: 0; }
:root:root .swagger-ui { color: var(--ink); }
:root:root .swagger-ui, :root:root .swagger-ui :is(.info .title, .opblock-tag, .opblock-summary-description, .btn, th, p, .tab li) {
  font-family: Inter, ui-sans-serif, system-ui, 'Segoe UI', 'Noto Sans', sans-serif;
}
:root:root .swagger-ui .info { margin: 36px 0 20px; }
:root:root .swagger-ui .info .title { color: var(--ink); font-size: 26px; font-weight: 650; letter-spacing: -0.01em; }
:root:root .swagger-ui .info .title > span { display: none; }
:root:root .swagger-ui .info :is(p, .base-url), :root:root .swagger-ui .opblock .opblock-summary-description { color: var(--soft); }
:root:root .swagger-ui .info a { color: var(--get); }
:root:root .swagger-ui .scheme-container { margin: 0; padding: 0 0 12px; background: none; box-shadow: none; }
:root:root .swagger-ui .opblock-tag {
  padding-left: 0;
  border-bottom: 1px solid var(--line);
  color: var(--ink);
  font-size: 17px;
  font-weight: 650;
}
:root:root .swagger-ui .opblock, :root:root .swagger-ui .opblock.opblock:is(.opblock-get, .opblock-post) {
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--card);
  box-shadow: none;
}
:root:root .swagger-ui .opblock.opblock .opblock-summary { border-color: var(--line); }
:root:root .swagger-ui .opblock.opblock .opblock-summary-method {
  min-width: 56px;
  background: none;
  color: var(--post);
  font-size: 12.5px;
  text-shadow: none;
}
:root:root .swagger-ui .opblock.opblock-get .opblock-summary-method { color: var(--get); }
:root:root .swagger-ui .opblock .opblock-summary-path { color: var(--ink); font-weight: 500; }
:root:root .swagger-ui .opblock.opblock .opblock-section-header { background: none; box-shadow: none; }
:root:root .swagger-ui .opblock.opblock .tab-header .tab-item.active h4 span::after { background: var(--post); }
:root:root .swagger-ui .btn.authorize { border-color: var(--post); color: var(--post); }
:root:root .swagger-ui .btn.authorize svg { fill: var(--post); }
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" role="img" aria-label="Durable Handoff">
  <rect width="32" height="32" rx="9" fill="#0e6b58" />
  <path d="M8 20a5 5 0 0 1 5-5h6" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" />
  <path d="m16 11 4 4-4 4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" />
  <circle cx="24" cy="15" r="2.2" fill="#ffc46b" />
</svg>`;
