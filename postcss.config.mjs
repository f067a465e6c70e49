// Tailwind is the only step between app/globals.css and the stylesheet that ships.
export default { plugins: { '@tailwindcss/postcss': {} } };
