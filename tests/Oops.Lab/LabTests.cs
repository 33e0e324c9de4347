namespace Oops.Lab;
