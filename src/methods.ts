export interface Methods {}
