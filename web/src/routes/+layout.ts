// The App lives in the browser alone: nothing is rendered on a server, which holds no one's data in the clear.
export const ssr = false;
export const prerender = false;
export const trailingSlash = 'never';
