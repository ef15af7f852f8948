using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cms.Api.Tests.Mail;

/// <summary>A mail server that does what a test says line by line, faults included that no real one has at will.</summary>
internal sealed class SmtpScript : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private readonly Func<Dialogue, Task> play;

    /// <param name="play">What it does on each connection; then it hangs up.</param>
    public SmtpScript(Func<Dialogue, Task> play)
    {
        this.play = play;
        listener.Start();
        running = Serve();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await Task.WhenAny(running);
        stop.Dispose();
    }

    private async Task Serve()
    {
        var dialogues = new List<Task>();
        for (var number = 1; !stop.IsCancellationRequested; number++)
            dialogues.Add(Play(await listener.AcceptTcpClientAsync(stop.Token), number));
        await Task.WhenAll(dialogues);
    }

    private async Task Play(TcpClient client, int number)
    {
        using (client)
        using (var dialogue = new Dialogue(client, number, stop.Token))
            await play(dialogue);
    }

    /// <summary>One connection.</summary>
    internal sealed class Dialogue : IDisposable
    {
        private readonly TcpClient client;
        private readonly StreamReader reader;
        private readonly Stream stream;

        public Dialogue(TcpClient client, int number, CancellationToken stopped)
        {
            (this.client, stream, Number, Stopped) = (client, client.GetStream(), number, stopped);
            reader = new(stream, Encoding.UTF8);
        }

        /// <summary>Which connection it is, from 1.</summary>
        public int Number { get; }

        /// <summary>The test is over.</summary>
        public CancellationToken Stopped { get; }

        /// <summary>Everything that the client said.</summary>
        public List<string> Heard { get; } = [];

        public async Task Say(string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), Stopped);

        /// <summary>The client's next line; null: it hung up.</summary>
        public async Task<string?> Hear()
        {
            var line = await reader.ReadLineAsync(Stopped);
            if (line is not null) Heard.Add(line);
            return line;
        }

        /// <summary>Hears up to a line that begins so, and says this to it. To QUIT it says good-bye.</summary>
        public async Task Answer(string command, string reply)
        {
            while (await Hear() is { } line)
            {
                if (line == "QUIT") reply = "221 2.0.0 Bye";
                else if (!line.StartsWith(command, StringComparison.Ordinal)) continue;
                await Say(reply);
                return;
            }
        }

        /// <summary>All up to the answer to EHLO.</summary>
        public async Task Greet(string extensions = "250 8BITMIME")
        {
            await Say("220 script ESMTP");
            await Answer("EHLO", extensions);
        }

        /// <summary>All up to the mail's first byte.</summary>
        public async Task TakeEnvelope()
        {
            await Answer("MAIL", "250 2.1.0 Ok");
            await Answer("RCPT", "250 2.1.5 Ok");
            await Answer("DATA", "354 Go on");
        }

        /// <summary>All up to the final dot.</summary>
        public async Task TakeMail()
        {
            await TakeEnvelope();
            while (await Hear() is { } line and not ".") _ = line;
        }

        public void Dispose() => reader.Dispose();

        /// <summary>Ends the connection as a machine does that fell: by RST.</summary>
        public void Reset() => client.Client.Close(0);
    }
}
