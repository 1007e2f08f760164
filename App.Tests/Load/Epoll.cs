using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ScoreTracking.Tests.Load;

/// <summary>Linux's own "which sockets moved": one system call for all connections, where the runtime's asynchronous sockets would cost the client as much as the server spends on the request.</summary>
internal sealed partial class Epoll : IDisposable
{
    private const int AddOperation = 1;
    private const uint Readable = 0x1;
    private const uint Writable = 0x4;
    private const uint EdgeTriggered = 1u << 31;
    private const int MaxEvents = 512;

    // The kernel packs its structure on x64 only.
    private static readonly int s_dataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int s_size = s_dataAt + 8;

    private readonly int _descriptor = Checked(Create(0));
    private readonly byte[] _events = new byte[MaxEvents * s_size];

    /// <summary>Watches a socket from now on.</summary>
    /// <param name="number">What <see cref="Wait"/> says when it moved.</param>
    public void Add(Socket socket, int number)
    {
        Span<byte> change = stackalloc byte[s_size];
        BinaryPrimitives.WriteUInt32LittleEndian(change, Readable | Writable | EdgeTriggered);
        BinaryPrimitives.WriteInt64LittleEndian(change[s_dataAt..], number);
        Checked(Control(_descriptor, AddOperation, (int)socket.Handle, ref MemoryMarshal.GetReference(change)));
    }

    /// <summary>Waits until sockets became readable or writable.</summary>
    /// <returns>How many numbers were written to <paramref name="moved"/>; 0 when the time is over.</returns>
    public int Wait(Span<int> moved, int milliseconds)
    {
        var count = WaitFor(_descriptor, ref MemoryMarshal.GetArrayDataReference(_events), Math.Min(moved.Length, MaxEvents), milliseconds);
        for (var i = 0; i < count; i++)
        {
            moved[i] = (int)BinaryPrimitives.ReadInt64LittleEndian(_events.AsSpan((i * s_size) + s_dataAt));
        }

        return Math.Max(count, 0);
    }

    public void Dispose() => Close(_descriptor);

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int descriptor, int operation, int socket, ref byte change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int WaitFor(int descriptor, ref byte events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
