using System.Runtime.InteropServices;
using Cms.Api.Commands;

// `dotnet Cms.Api.dll` serves; `migrate`, `seed`, `token create`, `health`, `outbox`, `roles` and `--help` do one thing and end.
// Signals end all of it from the first line on: killed by one, this process would leave a PostgreSQL of its own running.
var signal = 0;
using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Stop(c, 2));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Stop(c, 15));
try
{
    return await CommandLine.Run(args, Console.Out, Console.Error, stopping.Token);
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return 128 + signal; // as a shell says it of a command that a signal ended
}

void Stop(PosixSignalContext context, int number)
{
    (context.Cancel, signal) = (true, number);
    stopping.Cancel();
}
