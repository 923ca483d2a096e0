/** What `torchlet --help` prints. */
export const HELP = `Usage: torchlet <command> [options]

Trains neural networks with PyTorch's API and PyTorch's numbers.

Commands:
  train          train the dropout model on MNIST

Options:
  -h, --help     show this text; after a command, the command's options
  -v, --version  show the version

Example:
  torchlet train --epochs 1
`;

/** What `torchlet train --help` prints. */
export const TRAIN_HELP = `Usage: torchlet train [options]

Trains the dropout model (784-256-256-128-128-10, Adam) on MNIST and prints
its summary, one line per epoch and the time. Metrics, report and weights go
into the folder given by --out.

Options:
  --data DIR         folder with the MNIST files           (datasets)
  --dropout P        probability of a zero, 0 to 1         (0.5)
  --epochs N         passes over the training images       (10)
  --batch-size N     images per step                       (200)
  --lr X             Adam's learning rate                  (0.001)
  --seed N           seed of every random draw             (0)
  --device NAME      cpu, webgpu or auto, the faster one; cpu, the
                     default, prints the same numbers anywhere  (cpu)
  --headless         train in headless Chrome, by Puppeteer
  --save-best        also keep the weights of the lowest validation loss
  --early-stopping   stop when the validation loss no longer improves
  --patience N       epochs without improvement allowed    (10)
  --out DIR          folder for what the run writes        (runs/<time>)
  --json             print one JSON object per line instead of text
  -h, --help         show this text

Examples:
  torchlet train
  torchlet train --epochs 3 --dropout 0.2 --seed 1
  torchlet train --epochs 50 --early-stopping --patience 5 --save-best
  torchlet train --data ~/mnist --out runs/first --json
  torchlet train --headless --device webgpu

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;
