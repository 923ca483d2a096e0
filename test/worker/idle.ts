// A worker's file that serves nothing, but stays.
setInterval(() => undefined, 1000);
