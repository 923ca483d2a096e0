export type Methods = {};
